// Asks again and again, one answer after the other, and not while nobody looks.

/**
 * @param {number} everyMs
 * @param {() => Promise<void>} work - asks once; what it throws goes to `onError`.
 * @param {(error: unknown) => void} onError
 * @returns `now()` asks at once, and `stop()` ends it.
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
