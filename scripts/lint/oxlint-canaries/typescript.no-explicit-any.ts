export type Anything = any
