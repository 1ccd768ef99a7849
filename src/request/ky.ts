/**
 * The only file that imports ky. It builds the request and carries the caller's hooks; its retries and timeouts are
 * switched off by `transport`, because a timeout that ends at the headers and a retry that does not know what the
 * reader has seen are just what this library is there to replace.
 */
import ky from 'ky'
import type { HttpFunction } from './prepare.ts'

export const viaKy: HttpFunction = ky
