/** What the demo shows: steps that are under way, each a line, and lines that stay. */
import { stripVTControlCharacters, styleText } from 'node:util'
import type { WriteStream } from 'node:tty'
import type { Look } from './arguments.ts'

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan' | 'blue' | 'magenta'

export interface Step {
  /** What is being done just now. */
  detail(text: string): void
  done(text?: string): void
  failed(): void
}

export interface Terminal {
  readonly paint: (text: string, ...styles: Style[]) => string
  /** Columns; lines that are wider than that wrap. */
  readonly width: number
  step(title: string): Step
  /** A line that stays, above the steps that are under way. */
  line(text: string): void
  /** All lines so far without colours, each with its time; for the log of a failure. */
  transcript(): string
  /** Leaves the steps under way as they are. */
  close(): void
}

interface Running {
  readonly title: string
  readonly since: number
  detail: string
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

export function createTerminal(out: NodeJS.WriteStream, look: Look): Terminal {
  const paint: Terminal['paint'] = (text, ...styles) =>
    look.colour ? styleText(styles, text, { validateStream: false }) : text
  const columns = () => (out as Partial<WriteStream>).columns ?? 100
  const kept: string[] = []
  const running = new Set<Running>()
  let drawn = 0
  let frame = 0
  let timer: NodeJS.Timeout | undefined

  const erase = (): string => (drawn === 0 ? '' : `\x1b[${drawn}A\x1b[0J`)
  const draw = (above = ''): void => {
    const lines = look.moving ? [...running].map((step) => moving(step)) : []
    out.write(`${look.moving ? erase() : ''}${above}${lines.map((line) => `${line}\n`).join('')}`)
    drawn = lines.length
  }
  const moving = ({ title, detail, since }: Running): string => {
    const seconds = Math.floor((performance.now() - since) / 1000)
    const tail = [detail, seconds >= 3 ? `${seconds} s` : ''].filter((text) => text !== '').join(', ')
    const room = Math.max(10, columns() - title.length - 6)
    const short = tail.length > room ? `${tail.slice(0, room - 1)}…` : tail
    return `${paint(frames[frame % frames.length] ?? '·', 'cyan')} ${title}  ${paint(short, 'dim')}`
  }
  const animate = (): void => {
    if (!look.moving || running.size > 0 === (timer !== undefined)) return
    clearInterval(timer)
    timer = undefined
    if (running.size === 0) return
    timer = setInterval(() => {
      frame += 1
      draw()
    }, 80)
  }
  const line = (text: string): void => {
    kept.push(`${new Date().toISOString()} ${stripVTControlCharacters(text)}`)
    draw(`${text}\n`)
  }
  const end = (step: Running, sign: string, text: string): void => {
    if (!running.delete(step)) return
    const seconds = (performance.now() - step.since) / 1000
    const told = [text, `${seconds.toFixed(1)} s`].filter((part) => part !== '').join(', ')
    line(`${sign} ${step.title}  ${paint(told, 'dim')}`)
    animate()
  }
  return {
    paint,
    get width() {
      return columns()
    },
    line,
    step(title) {
      const step: Running = { title, since: performance.now(), detail: '' }
      running.add(step)
      if (!look.moving) line(`· ${title}`)
      draw()
      animate()
      return {
        detail(text) {
          if (step.detail === text || !running.has(step)) return
          step.detail = text
          if (look.moving) draw()
          else line(`· ${title}: ${text}`)
        },
        done: (text = '') => end(step, paint('✔', 'green'), text),
        failed: () => end(step, paint('✘', 'red'), 'failed'),
      }
    },
    transcript: () => kept.join('\n'),
    close() {
      running.clear()
      animate()
      drawn = 0
    },
  }
}
