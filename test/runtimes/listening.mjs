// @ts-check
/** A server on a free port of this machine, and the end of one with all that is connected to it. */

/** @typedef {import('node:http').Server} Server */

/** @param {Server} server @returns {Promise<string>} its origin */
export const listening = (server) =>
  new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`),
    ),
  )

/** @param {Server | undefined} server @returns {Promise<void>} */
export const closed = (server) =>
  new Promise((resolve) => {
    if (!server) return resolve()
    server.close(() => resolve())
    server.closeAllConnections()
  })
