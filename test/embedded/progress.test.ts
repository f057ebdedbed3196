import { expect, test } from 'vitest'
import { terminalProgress } from '../../embedded/progress.ts'

function recordingStream(isTTY: boolean) {
  const written: string[] = []
  return { isTTY, columns: 20, write: (text: string) => written.push(text), written: () => written.join('') }
}

test('progress on a terminal is one line, rewritten, cut to its width and kept when the step is done', () => {
  const stream = recordingStream(true)
  const progress = terminalProgress(stream)
  progress.step('downloading')
  progress.update('a line that is longer than the terminal')
  progress.done('downloaded')
  const clear = '\r\u001b[K'
  expect(stream.written()).toBe(`${clear}downloading${clear}a line that is long${clear}downloaded\n`)
})

test('progress in a file has a line for each step, not for each update', () => {
  const stream = recordingStream(false)
  const progress = terminalProgress(stream)
  progress.step('downloading')
  for (let percent = 0; percent < 100; percent++) progress.update(`${percent} %`)
  progress.done('downloaded')
  expect(stream.written()).toBe('downloading\ndownloaded\n')
})
