import { expect, test } from 'vitest'
import { isAllowedHost, parseAllowedHost } from '../../src/documents/allowed-hosts.ts'

function allows(entry: string, url: string): boolean {
  const parsed = parseAllowedHost(entry)
  if (parsed === null) throw new Error(`${entry} is no entry`)
  return isAllowedHost(new URL(url), [parsed])
}

test.each([
  ['files.example.com', 'https://files.example.com/a', true],
  ['Files.Example.com', 'http://FILES.example.com:8080/a', true],
  ['files.example.com', 'https://files.example.com./a', true],
  ['files.example.com', 'https://x.files.example.com/', false],
  ['files.example.com', 'https://files.example.com.evil.org/', false],
  ['files.example.com:8443', 'https://files.example.com:8443/', true],
  ['files.example.com:8443', 'https://files.example.com/', false],
  ['files.example.com:443', 'https://files.example.com/', true],
  ['files.example.com:80', 'http://files.example.com/', true],
  ['*.example.com', 'https://a.b.example.com/', true],
  ['*.example.com', 'https://example.com/', false],
  ['*.example.com', 'https://badexample.com/', false],
  ['*.example.com:81', 'http://a.example.com:81/', true],
  ['127.0.0.1', 'http://127.1:5000/', true],
  ['[::1]', 'http://[0:0::1]:5000/', true],
  ['[0:0::1]:5000', 'http://[::1]:5000/', true],
  ['localhost', 'http://127.0.0.1/', false],
])('%s and %s: %s', (entry, url, expected) => {
  expect(allows(entry, url)).toBe(expected)
})

test.each(['', '*', 'http://example.com', 'example.com/', 'a b', 'a:0', 'a:70000', '*.', '::1', 'user@host'])(
  '"%s" is no entry',
  (entry) => {
    expect(parseAllowedHost(entry)).toBeNull()
  },
)
