/** The kernels room: inner loops over typed arrays, each with a plain twin that must agree. */
export { createBook } from './book/book.ts'
export * from './book/plain.ts'
export * from './book/type.ts'
export * from './screen/isolated.ts'
export * from './screen/line.ts'
export * from './screen/plain.ts'
export * from './screen/trigger-index.ts'
export * from './wasm/isolated.ts'
