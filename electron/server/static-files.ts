// The built renderer from one folder, and the headers that every page and file of ours carries.
import { readFile } from 'node:fs/promises'
import { extname, isAbsolute, relative, resolve } from 'node:path'
import { plain } from './web-exchange.ts'

/** Radix and the virtual lists set styles through the CSSOM, which `style-src 'self'` allows. */
export const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "media-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const security = {
  'content-security-policy': CSP,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  // Another local page (same site, other port) must not embed a recording.
  'cross-origin-resource-policy': 'same-origin',
}

/** `answer` with the security headers of both hosts. */
export function secured(answer: Response): Response {
  const headers = new Headers(answer.headers)
  for (const [name, value] of Object.entries(security)) headers.set(name, value)
  return new Response(answer.body, { status: answer.status, headers })
}

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** A file of the build; an address of the app itself (no extension) is answered with index.html. */
export async function staticFile(folder: string, request: Request): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return plain(405, 'This can only be read.', { allow: 'GET, HEAD' })
  const file = resolveAsset(folder, new URL(request.url).pathname)
  if (file === null) return plain(404, 'There is nothing at this address.')
  // Whatever the reason, to a browser a file that cannot be read is not there.
  const body = await readFile(file).catch(() => null)
  if (body === null && extname(file) === '.html')
    return plain(503, 'The interface has not been built: run "npm run build" in the folder of Unjam.')
  if (body === null) return plain(404, 'There is nothing at this address.')
  return new Response(request.method === 'HEAD' ? null : new Uint8Array(body), {
    headers: {
      'content-type': types[extname(file)] ?? 'application/octet-stream',
      'content-length': String(body.length),
      // Vite names what it puts in assets/ by its content.
      'cache-control': /[\\/]assets[\\/]/.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache',
    },
  })
}

/** The file inside `folder` that a URL path means, or null when it means none or would lead outside. */
export function resolveAsset(folder: string, pathname: string): string | null {
  let path: string
  try {
    path = decodeURIComponent(pathname)
  } catch {
    // A broken percent escape names nothing.
    return null
  }
  if (path.includes('\0') || path.includes('\\') || path.includes(':')) return null
  const full = resolve(folder, `.${extname(path) === '' ? '/index.html' : path}`)
  const inside = relative(folder, full)
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? null : full
}
