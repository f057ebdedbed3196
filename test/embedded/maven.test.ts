import { expect, test } from 'vitest'
import { downloadedBytes } from '../../embedded/maven.ts'

test.each([
  ['[INFO] Downloaded from central: https://repo.example/a.jar (12 MB at 21 MB/s)', 12e6],
  ['[INFO] Downloaded from mirror: https://repo.example/a.pom (7.5 kB at 339 kB/s)', 7500],
  ['[INFO] Downloaded from central: https://repo.example/a.pom (411 B at 0 B/s)', 411],
  ['[INFO] Downloading from central: https://repo.example/a.jar', 0],
  ['[INFO] BUILD SUCCESS', 0],
])('Maven’s line %j counts as %d bytes downloaded', (line, bytes) => {
  expect(downloadedBytes(line)).toBe(bytes)
})
