// The part of idiomorph.js that is used here. Its own types are written in a way that TypeScript does not read any more.

export interface Callbacks {
  beforeNodeMorphed?: (now: Node, next: Node) => boolean;
  beforeAttributeUpdated?: (name: string, element: Element, what: "update" | "remove") => boolean;
}

export const Idiomorph: {
  morph(
    now: Element,
    next: Element,
    config: { morphStyle: "outerHTML" | "innerHTML"; ignoreActiveValue: boolean; callbacks: Callbacks },
  ): void;
};
