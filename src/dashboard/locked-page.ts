// The page of a dashboard without any sign-in set up: it says how to set it up. Needs no other file.
import type { Context } from 'hono'

/** Whether a browser asks for a page. */
export function wantsPage(c: Context): boolean {
  return (c.req.header('accept') ?? '').includes('text/html')
}

export function lockedPage(c: Context, reason: string): Response {
  c.header('cache-control', 'no-store')
  return c.html(
    `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Quarry: nobody may see the dashboard yet</title>
<h1>Nobody may see the dashboard yet</h1>
<p>${reason}</p>
<h2>With users and passwords</h2>
<pre>quarry dashboard hash          # asks for a password and writes its hash
QUARRY_DASHBOARD_USERS='ann:operator:HASH,bob:viewer:HASH'</pre>
<h2>Behind an identity proxy</h2>
<pre>QUARRY_DASHBOARD_AUTH=proxy
QUARRY_DASHBOARD_TRUSTED_PROXIES=10.0.0.0/8
QUARRY_DASHBOARD_OPERATORS=group:platform</pre>
<p>Health and metrics are served as ever. docs/dashboard.md has the rest; <code>QUARRY_DASHBOARD=off</code> turns this
page off.</p>
</html>
`,
    403,
  )
}
