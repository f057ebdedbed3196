// Commands that the production image does not include.

/** For `import(…).catch`: explains that this image has no such command. @throws any other error as it is. */
export function leftOut(command: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error
    const message = `quarry ${command} is not part of this image, which has the production commands only. Build an image without --target runtime, or run it from the project's folder.`
    throw new Error(message, { cause: error })
  }
}
