/** A part with a script of its own: its folder, and the entry below the folder `page` in it. */
export interface PartScript {
  readonly name: string;
  readonly script?: string;
}

declare module '../door/part.ts' {
  interface Part {
    /** A script of its own that its routes send, besides the page: its entry below the folder `page`. */
    readonly script?: string;
  }
}
