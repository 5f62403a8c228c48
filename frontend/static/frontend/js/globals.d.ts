/** The part of Plotly's bundle that `lib/plot.js` uses; the bundle is a classic script. */
declare const Plotly: {
  react(element: HTMLElement, traces: object[], layout: object, config: object): Promise<HTMLElement>;
  purge(element: HTMLElement): void;
  downloadImage(element: HTMLElement, options: object): Promise<string>;
};
/** htmx's bundle is a classic script too. */
declare const htmx: { trigger(element: Element, name: string): void };
