/** All commands, in the order of the help. */
import type { Command } from './command.ts'
import { licenseInspect } from './license-inspect.ts'
import { licenseIssue } from './license-issue.ts'
import { licenseKeygen } from './license-keygen.ts'

export const commands: readonly Command[] = [licenseKeygen, licenseIssue, licenseInspect]
