// Settings of the dashboard: who may see it, and who may change lanes there. A part of the schema in settings.ts;
// reads nothing.
import { isIP } from 'node:net'
import { z } from 'zod'
import { readDashboardUsers } from './dashboard-users.ts'
import { optionalSetting, setting } from './setting.ts'
import { choice, list, text, textLike } from './setting-types.ts'

const USERS = 'users as name:role:password with commas or new lines between them, the role viewer or operator'

const users = () =>
  text().transform((value, context) => {
    const read = readDashboardUsers(value)
    if (read.users !== null) return read.users
    context.addIssue({ code: 'custom', message: `${USERS}: ${read.problem}` })
    return z.NEVER
  })

const header = () => textLike(/^[A-Za-z0-9-]{1,64}$/, 'the name of an HTTP header')
const NETWORK = 'an IP address or a network such as 10.0.0.0/8 or fd00::/8'
const network = () => text().refine(isNetwork, { error: NETWORK, abort: true })
const ON_OFF: ReadonlyMap<string, 'on' | 'off'> = new Map([
  ['true', 'on'],
  ['false', 'off'],
])

/** Settings of the dashboard. */
export const dashboardSettings = z
  .strictObject({
    enabled: setting(choice(['on', 'off'], ON_OFF), {
      environment: ['QUARRY_DASHBOARD'],
      doc: 'Whether the ops role serves the dashboard, its API and the raw queues: on or off.',
      example: 'off',
      default: 'on',
    }),
    auth: optionalSetting(choice(['none', 'basic', 'proxy']), {
      environment: ['QUARRY_DASHBOARD_AUTH'],
      doc: 'How people sign in: none (everybody who reaches it is an operator), basic (users and passwords) or proxy (headers of an identity proxy). Unset: none where QUARRY_HOST is a loopback address, basic elsewhere.',
      example: 'proxy',
    }),
    users: optionalSetting(users(), {
      environment: ['QUARRY_DASHBOARD_USERS'],
      doc: 'Users for basic: name:role:password with commas or new lines between them; the role is viewer or operator, the password in clear or as `quarry dashboard hash` writes it.',
      example:
        'ann:operator:scrypt$15$8$1$4Yf1zVVptZQLo8bo0+Qa/w==$TDwAC1VBOx7ll4mfYe+l9kKn0AEyk+vIYT3/rDc2A2o=',
      secret: 'whole',
    }),
    usersFile: optionalSetting(text(), {
      environment: ['QUARRY_DASHBOARD_USERS_FILE'],
      doc: 'File with such users instead, one per line; empty lines and lines that begin with # are ignored. Read at start.',
      example: '/etc/quarry/dashboard-users',
    }),
    trustedProxies: setting(list(network()), {
      environment: ['QUARRY_DASHBOARD_TRUSTED_PROXIES'],
      doc: 'Addresses and networks whose identity headers are trusted; with proxy, all others are refused. With basic, the X-Forwarded-For of these addresses decides whose wrong passwords are slowed down.',
      example: '10.0.0.0/8',
      default: '',
    }),
    userHeader: setting(header(), {
      environment: ['QUARRY_DASHBOARD_USER_HEADER'],
      doc: 'Header with the user, set by that proxy.',
      example: 'X-Auth-Request-User',
      default: 'X-Forwarded-User',
    }),
    groupsHeader: setting(header(), {
      environment: ['QUARRY_DASHBOARD_GROUPS_HEADER'],
      doc: 'Header with the groups of the user, with commas between them.',
      example: 'X-Auth-Request-Groups',
      default: 'X-Forwarded-Groups',
    }),
    operators: setting(list(text()), {
      environment: ['QUARRY_DASHBOARD_OPERATORS'],
      doc: 'Users that are operators with proxy, and groups as group:NAME; all others are viewers.',
      example: 'ann@example.com,group:platform',
      default: '',
    }),
    label: optionalSetting(textLike(/^.{1,40}$/u, 'a text of at most 40 characters'), {
      environment: ['QUARRY_DASHBOARD_LABEL'],
      doc: 'Name of this installation, shown on every page.',
      example: 'production',
    }),
  })
  .superRefine(({ users, usersFile }, context) => {
    if (users === undefined || usersFile === undefined) return
    const message = 'possible together with QUARRY_DASHBOARD_USERS: put all users into the one or the other'
    context.addIssue({ code: 'custom', path: ['usersFile'], message, input: usersFile })
  })

function isNetwork(value: string): boolean {
  const [address = '', bits, ...rest] = value.split('/')
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return (
    most > 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
  )
}
