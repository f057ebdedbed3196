// Help of the commands that look at lanes and steer them. Static text.

const CHOICE = `LANE is account@region@model, as \`quarry lanes\` shows them. Instead of it:
  --account PATTERN  lanes by account, region and model; \`*\` stands for any characters,
  --region PATTERN   and what is left out fits all
  --model PATTERN
  --all              every lane
`

const COMMON = `  --json             as JSON
  --config FILE      read settings from a YAML file; the environment wins over it
  -h, --help         this text

Ends with 0 when it is done, 1 when it failed or Redis is away, 2 when the command line is wrong, 3 when no lane fits.
docs/lanes.md tells more.
`

function steering(what: string, usage: string, more: string): string {
  return `${what}\n\nUsage: quarry ${usage} LANE [flags]\n\n${CHOICE}\nFlags:\n${more}${COMMON}`
}

export const LANE_TEXTS: Readonly<Record<string, string>> = {
  lanes: `Shows the lanes: their jobs, how fast they are sent from now, and what limits them.

Usage: quarry lanes [flags]

Flags:
  --json           as JSON
  --config FILE    read settings from a YAML file; the environment wins over it
  -h, --help       this text

FROM says where the quota is from: file (QUARRY_LANES_FILE), settings, default, or who changed it with \`quarry pace set\`.
The file and the settings are those that this command sees. Ends with 0, with 1 when Redis is away.
`,
  pace: steering(
    'Changes the quota of lanes while Quarry runs, in all processes at once, until it is taken back.',
    'pace set',
    `  --rpm N            requests per minute; \`none\` gives it back to the file and the settings
  --tpm N            tokens per minute; the same
  --concurrency N    calls in flight, of all workers together; the same
`,
  ),
  pause: steering(
    'Lets no worker take jobs of lanes; calls that run go on. Until `quarry resume`.',
    'pause',
    '',
  ),
  resume: steering('Ends the pause and the drain of lanes.', 'resume', ''),
  drain: steering(
    'Puts no more jobs into lanes: they stay with Zeebe; what waits in the lanes is sent. Until `quarry resume`.',
    'drain',
    '',
  ),
  quota: `Reads what AWS grants an account for Amazon Bedrock, from AWS Service Quotas, as a file for QUARRY_LANES_FILE.

Usage: quarry quota import [flags]

Flags:
  --region LIST    regions to read, with commas between them (default: QUARRY_REGIONS, or AWS_REGION)
  --out FILE       where to write it (default: standard output); a file that is there is replaced
  --config FILE    read settings from a YAML file; the environment wins over it
  -h, --help       this text

Uses the AWS credentials of the environment, which need servicequotas:ListServiceQuotas. Quotas whose model it does not
know are listed as comments. Ends with 0 when it is done, 1 when it failed, 2 when the command line is wrong.
`,
}
