// Repeats a request: one at a time, and only while the tab is visible.

/**
 * @param {number} everyMs
 * @param {() => Promise<void>} work - makes one request; errors go to `onError`.
 * @param {(error: unknown) => void} onError
 * @returns `now()` makes a request at once, `stop()` ends the polling.
 */
export function poll(everyMs, work, onError) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  let stopped = false
  let busy = false
  let again = false
  const run = async () => {
    clearTimeout(timer)
    if (stopped || document.hidden) return
    if (busy) {
      again = true
      return
    }
    busy = true
    try {
      await work()
    } catch (error) {
      onError(error)
    } finally {
      busy = false
      if (!stopped) timer = setTimeout(run, again ? 0 : everyMs)
      again = false
    }
  }
  const seen = () => {
    if (!document.hidden) void run()
  }
  document.addEventListener('visibilitychange', seen)
  void run()
  return {
    now: run,
    stop() {
      stopped = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', seen)
    },
  }
}
