/** Methods that are getters, so that they may be taken out of their object and only what is used is made. */

/** Lets such methods be replaced on an object, as plain ones can be. */
export function replaceable(type: { prototype: object }): void {
  for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(type.prototype))) {
    if (get === undefined) continue
    Object.defineProperty(type.prototype, name, {
      configurable: true,
      get,
      set(value: unknown) {
        Object.defineProperty(this, name, { value, writable: true, configurable: true, enumerable: true })
      },
    })
  }
}
