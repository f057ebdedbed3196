import { expect, test } from 'vitest'
import { isJdk, parseJavaVersion, whyNoJdk } from '../../embedded/find-java.ts'

test.each([
  ['openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment (build 17.0.15+6)', 17],
  ['openjdk version "25" 2025-09-16 LTS', 25],
  ['openjdk version "21-ea" 2023-09-19', 21],
  ['java version "1.8.0_292"\nJava(TM) SE Runtime Environment', 8],
  ['Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "21.0.4" 2024-07-16', 21],
  ['Unable to locate a Java Runtime.', undefined],
])('%j is Java %s', (text, major) => {
  expect(parseJavaVersion(text)).toBe(major)
})

test('a JDK is accepted from Java 21 with a compiler', () => {
  expect(isJdk({ home: '/jdk', major: 21, hasCompiler: true })).toBe(true)
  expect(isJdk({ home: '/jdk', major: 20, hasCompiler: true })).toBe(false)
  expect(isJdk({ home: '/jre', major: 21, hasCompiler: false })).toBe(false)
  expect(isJdk({ home: '/broken', major: undefined, hasCompiler: true })).toBe(false)
})

test('the reason names the Java that was found and what it lacks', () => {
  const why = whyNoJdk([
    { home: '/old', major: 17, hasCompiler: true },
    { home: '/runtime', major: 21, hasCompiler: false },
    { home: '/broken', major: undefined, hasCompiler: false },
  ])
  expect(why).toContain('/old (Java 17), /runtime (Java 21, no javac), /broken (does not run)')
  expect(whyNoJdk([])).toContain('there is no Java')
})
