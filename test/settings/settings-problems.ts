// The problems of settings from the environment.
import { loadSettings, SettingsError } from '../../src/settings/load-settings.ts'

/** Empty when there are none. */
export function settingsProblems(env: Record<string, string>): readonly string[] {
  try {
    loadSettings({ env })
  } catch (error) {
    if (error instanceof SettingsError) return error.problems
    throw error
  }
  return []
}
