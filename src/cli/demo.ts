// `quarry demo`: hands its arguments to the demo, which is only loaded for this command.

/** The command `quarry demo`. */
export async function demo(argv: readonly string[]): Promise<number> {
  const { runDemo } = await import('./demo/run-demo.ts')
  return runDemo(argv, process.env)
}
