// Serves the files of page/ unchanged (modules, styles, one document), and the modules of lit-html. They are read at start
// and hold no data. Files that only check types are not served.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Hono } from 'hono'
import type { DashboardEnv } from './guard.ts'

const PAGE = join(import.meta.dirname, 'page')
/** The modules of lit-html that the page uses; they import each other by relative paths. */
const LIT = ['lit-html.js', 'directive.js', 'directive-helpers.js', 'directives/repeat.js']

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Serves `/`, and the other files under `/assets`. */
export function makePageFiles(): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>()
  const add = (path: string, file: string): void => {
    const body = readFileSync(file)
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
    const headers = {
      etag,
      'cache-control': 'no-cache',
      'content-type': TYPES[extname(file)] ?? 'text/plain',
    }
    app.get(path, (c) =>
      c.req.header('if-none-match') === etag ? c.body(null, 304, headers) : c.body(body, 200, headers),
    )
  }
  add('/', join(PAGE, 'page.html'))
  const names = readdirSync(PAGE).filter((name) => extname(name) in TYPES)
  for (const name of names) add(`/assets/${name}`, join(PAGE, name))
  const lit = dirname(dirname(fileURLToPath(import.meta.resolve('lit-html/directive.js'))))
  for (const name of LIT) add(`/assets/lit-html/${name}`, join(lit, name))
  return app
}
