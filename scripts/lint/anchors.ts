/** The anchors of a Markdown page, as GitHub makes them from its headings. Pure. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const headings = page.replaceAll(/^```.*?^```/gms, '').matchAll(/^#{1,6} +(.+)$/gm)
  const counts = new Map<string, number>()
  const anchors = [...headings].map(([, heading = '']) => {
    const anchor = anchorOf(heading)
    const earlier = counts.get(anchor) ?? 0
    counts.set(anchor, earlier + 1)
    return earlier === 0 ? anchor : `${anchor}-${earlier}`
  })
  return new Set(anchors)
}

function anchorOf(heading: string): string {
  const text = heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase()
  return text.replaceAll(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-')
}
