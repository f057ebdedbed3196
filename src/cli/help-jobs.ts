// Help of the commands for jobs, for what Quarry needs, and for shells. Static text.

const COMMON = `  --json           as JSON
  --config FILE    read settings from a YAML file; the environment wins over it
  -h, --help       this text
`

export const JOB_TEXTS: Readonly<Record<string, string>> = {
  jobs: `Shows where a job is and why it waits, or the jobs of a lane.

Usage: quarry jobs show KEY [flags]
       quarry jobs list LANE [flags]

KEY is the key of the Zeebe job, as Operate and the log show it; LANE is account@region@model, as \`quarry lanes\` shows it.

Flags:
  --limit N        with list: so many at the most, from 1 to 1000 (default: 50)
${COMMON}
Ends with 0, with 1 when Redis is away, 2 when the command line is wrong, 3 when there is no such job or lane.
Prompts and answers are not shown; docs/commands.md tells what is.
`,
  retry: `Tries a job again. One that is put off, after a throttle or for a budget, goes to the front of its lane; a budget may
put it off again. The incident of one that failed is resolved, its retries as they were: an adapter that runs does it, by
Camunda's REST API, for which that adapter needs CAMUNDA_REST_ADDRESS.

Usage: quarry retry KEY [flags]

Flags:
${COMMON}
Ends with 0 when it is done or there is nothing to do, 1 when it could not be done or Redis is away, 2 when the command line
is wrong, 3 when there is no such job. It waits for an adapter for 20 s at the most, and then nothing is done.
`,
  doctor: `Checks what Quarry needs, and says of each fault what to do: settings, Redis (version, policy, persistence, memory,
latency), Zeebe, Camunda's REST API, the way to Bedrock, the identity at AWS, clocks, payload key, lanes file. It changes nothing.

Usage: quarry doctor [flags]

Flags:
  --model ID       call this model once, with one token of output, which AWS bills
  --region R       AWS region to ask (default: the first of QUARRY_REGIONS, or AWS_REGION)
  --roles LIST     leave out what these roles do not need: adapter, bedrock, ops (default: as set)
${COMMON}
Ends with 0 when nothing is at fault (there may be warnings), 1 when something is, 2 when the command line is wrong.
`,
  dashboard: `Makes the hash of a password, for QUARRY_DASHBOARD_USERS: name:role:HASH.

Usage: quarry dashboard hash

It reads the password from standard input, or asks for it on a terminal.

Flags:
  -h, --help       this text

Examples:
  quarry dashboard hash
  openssl rand -base64 18 | tee password | quarry dashboard hash
`,
  completion: `Prints a script by which a shell completes commands and flags of quarry.

Usage: quarry completion bash|zsh|fish

  source <(quarry completion bash)       in ~/.bashrc
  source <(quarry completion zsh)        in ~/.zshrc, after compinit
  quarry completion fish | source        in ~/.config/fish/config.fish

Flags:
  -h, --help       this text
`,
}
