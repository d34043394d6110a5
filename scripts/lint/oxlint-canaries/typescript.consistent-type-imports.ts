import { Socket } from 'node:net'

export type Line = Socket
