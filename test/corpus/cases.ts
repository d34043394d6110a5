/** The corpus as data: good manifests, and cases of what is refused and what is let through. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { apiVersion } from '../../operator/api/names.ts'
import type { PersonName } from './people.ts'

export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly finalizers?: readonly string[]
  }
  readonly spec?: object
  readonly status?: object
}

/** A manifest from which the test fills in apiVersion (ours), name and namespace. */
export type Sketch = Omit<Partial<Manifest>, 'metadata'> & {
  readonly kind: string
  readonly metadata?: Partial<Manifest['metadata']>
}

/** One request, made after `before` (by root) and its `status` are there. */
export interface Case {
  readonly file: string
  readonly name: string
  readonly as?: PersonName
  readonly namespace?: 'plain' | 'home' | 'msp' | 'tenant' | 'operator'
  readonly before?: Sketch
  /** `before` is there already. */
  readonly exists?: true
  readonly status?: object
  /** Created; or, where `before` is given, put in its place. */
  readonly object?: Sketch
  /** Where `object` is put, when not in the place of `before` as a whole. */
  readonly subresource?: 'status'
  readonly delete?: true
  /** The one sentence of the refusal; without it the request is let through. */
  readonly refused?: string
}

const files = (folder: string): readonly string[] =>
  readdirSync(join(import.meta.dirname, folder))
    .toSorted()
    .map((name) => join(folder, name))

const text = (file: string): string => readFileSync(join(import.meta.dirname, file), 'utf8')

export function goodManifests(): readonly { readonly file: string; readonly manifest: Manifest }[] {
  return files('good').flatMap((file) =>
    parseAllDocuments(text(file)).map((document) => ({ file, manifest: document.toJS() as Manifest })),
  )
}

function casesIn(folder: string): readonly Case[] {
  return files(folder).flatMap((file) =>
    (parse(text(file)) as Omit<Case, 'file'>[]).map((each) => ({ ...each, file: file.replace(/\.yaml$/, '') })),
  )
}

export const badCases = (): readonly Case[] => casesIn('bad')
export const allowedCases = (): readonly Case[] => casesIn('allowed')

/** The manifest that a sketch stands for. */
export function manifestOf(sketch: Sketch, name: string, namespace: string | undefined): Manifest {
  const place = namespace === undefined ? {} : { namespace }
  return { apiVersion, ...sketch, metadata: { name, ...place, ...sketch.metadata } }
}
