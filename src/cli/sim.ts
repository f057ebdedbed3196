// `quarry sim`: hands its arguments to the stand-in for Bedrock, which is only loaded for this command.

/** The command `quarry sim`: runs until a signal ends it. */
export async function sim(argv: readonly string[]): Promise<number> {
  const { runSim } = await import('../../sim/main.ts')
  await runSim(argv)
  return 0
}
