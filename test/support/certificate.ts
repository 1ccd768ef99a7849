/** A certificate of one's own, for a server that speaks TLS. */
import { generateKeyPairSync, sign } from 'node:crypto'

/** A new key, and a certificate that it has signed itself: nobody trusts it, and it names nobody. */
export function selfSigned(): { readonly key: string; readonly cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecdsaWithSha256 = sequence(der(0x06, Uint8Array.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2)))
  const validity = sequence(der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z')))
  const nobody = sequence()
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const serial = der(0x02, Uint8Array.of(1))
  const content = sequence(serial, ecdsaWithSha256, nobody, validity, nobody, spki)
  const signature = der(0x03, Uint8Array.of(0), sign('sha256', content, privateKey))
  const body = sequence(content, ecdsaWithSha256, signature).toString('base64')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`,
  }
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, ...parts)
}

/** [X.690] A tag, a length (in one byte up to 127) and what it is the length of. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const long = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Uint8Array.of(tag, ...(length < 0x80 ? [length] : long)), content])
}
