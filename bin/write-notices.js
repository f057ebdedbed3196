// `npm run notices`: writes THIRD-PARTY.md, the packages that Quarry is shipped with (the lock file's, without those of development), each
// with its licence. A test compares the page with the lock file.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const root = new URL('..', import.meta.url)
const page = new URL('THIRD-PARTY.md', root)
const text = noticesPage()
if (process.argv.includes('--check')) {
  if (readFileSync(page, 'utf8') !== text) {
    console.error('THIRD-PARTY.md is not that of package-lock.json: run `npm run notices`.')
    process.exitCode = 1
  }
} else writeFileSync(page, text)

function noticesPage() {
  const { packages } = JSON.parse(readFileSync(new URL('package-lock.json', root), 'utf8'))
  const rows = new Set()
  for (const [path, { dev, optional, version, license }] of Object.entries(packages)) {
    // Optional ones are Node itself and binaries of other platforms; the image and the package have none of them.
    if (path === '' || dev || optional) continue
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    rows.add(`| ${name} | ${version} | ${license ?? licenceOf(path)} |`)
  }
  return `# Third-party packages

Quarry is shipped with these packages, each under its own licence; its text is in the folder of the package (\`node_modules\`). The list is
made of \`package-lock.json\` by \`npm run notices\`. What Quarry itself contains of others is in [NOTICE](NOTICE).

| package | version | licence |
| --- | --- | --- |
${[...rows].sort().join('\n')}
`
}

function licenceOf(path) {
  const manifest = new URL(`${path}/package.json`, root)
  if (!existsSync(manifest)) return 'see the package'
  const { license, licenses } = JSON.parse(readFileSync(manifest, 'utf8'))
  const told = license ?? licenses ?? 'see the package'
  return typeof told === 'string' ? told : told.map(({ type }) => type).join(' OR ')
}
