/** A proxy between a client and a server that breaks connections off after so many bytes of the answer. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface CuttingProxy {
  /** The server's address, by way of the proxy. */
  readonly url: string
  /** How many connections have been cut. */
  readonly cuts: () => number
  close(): Promise<void>
}

/** @param after - bytes of each connection's answers before it is cut; when they are used up none is. */
export async function startCuttingProxy(url: string, after: readonly number[]): Promise<CuttingProxy> {
  const { hostname, port, pathname } = new URL(url)
  const left = [...after]
  let cuts = 0
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    }
    let bytes: number | undefined
    near.pipe(far)
    far.on('data', (piece) => {
      bytes ??= left.shift() ?? Number.POSITIVE_INFINITY
      near.write(piece.subarray(0, bytes))
      bytes -= piece.length
      if (bytes > 0) return
      cuts++
      // What has been written goes out before the cut.
      near.end(() => near.destroy())
      far.destroy()
    })
    far.on('end', () => near.end())
    near.on('close', () => far.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    cuts: () => cuts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
