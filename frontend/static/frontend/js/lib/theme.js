// The page's colors as a script can use them, and word when they change.

/**
 * The color behind a custom property, as the current theme has it.
 * @param {Element} element
 * @param {string} name such as `--ink`
 */
export function colorOf(element, name) {
  // A probe, because the property's own text still says `light-dark(…)`.
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  element.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}

/**
 * Call back whenever the person or the system changes the theme; returns how to stop that.
 * @param {() => void} callback
 */
export function onThemeChange(callback) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = new MutationObserver(callback);
  chosen.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  system.addEventListener("change", callback);
  return () => {
    chosen.disconnect();
    system.removeEventListener("change", callback);
  };
}
