// Commands that an image of production is without.

/** For `import(…).catch`: says so where the files of a command are not there. @throws what it is given otherwise. */
export function leftOut(command: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error
    const message = `quarry ${command} is not part of this image, which has what runs in production only. Build one without --target runtime, or run it from the project's folder.`
    throw new Error(message, { cause: error })
  }
}
