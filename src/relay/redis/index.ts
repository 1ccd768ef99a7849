/** The table of contents of `holdfast/relay/redis`. */
export type { RedisClient } from './connection.ts'
export { type RedisStoreOptions, redisStore } from './redis-store.ts'
