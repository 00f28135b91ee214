// Zoom and search for a flamegraph: plain JavaScript, no build step. Without it the drawing is whole, but still.
// A click or Enter widens a frame to the full width; Escape goes back; "/" goes to the search field.
(() => {
  const svg = /** @type {SVGSVGElement} */ (document.currentScript.parentNode);
  const total = Number(svg.dataset.n);
  /** @type {{node: SVGSVGElement, left: number, width: number, y: number, text: string}[]} */
  const frames = [...svg.querySelectorAll(".frame")].map((node) => ({
    node,
    left: parseFloat(node.getAttribute("x")),
    width: parseFloat(node.getAttribute("width")),
    y: Number(node.getAttribute("y")),
    text: node.querySelector("title").textContent,
  }));
  const EDGE = 1e-3;
  const top = Number(svg.querySelector(".own rect").getAttribute("y"));
  let field, said;

  /** Show `of` at full width, what it was called by faded below it, and nothing beside it. */
  function zoom(of) {
    const left = of ? of.left : 0, width = of ? of.width : 100;
    for (const { node, ...at } of frames) {
      const isWithin = at.left >= left - EDGE && at.left + at.width <= left + width + EDGE;
      const isBelow = of && at.y > of.y && at.left <= left + EDGE && at.left + at.width >= left + width - EDGE;
      node.classList.toggle("gone", !(isWithin && (!of || at.y <= of.y)) && !isBelow);
      node.classList.toggle("faded", Boolean(isBelow));
      node.setAttribute("x", `${isBelow ? 0 : ((at.left - left) / width) * 100}%`);
      node.setAttribute("width", `${isBelow ? 100 : (at.width / width) * 100}%`);
    }
  }

  /** Mark the frames whose name or file holds `words`, and say how much of all samples they are. */
  function search(words) {
    const wanted = words.trim().toLowerCase();
    const found = frames.filter(({ node, text }) => {
      const isFound = wanted !== "" && text.toLowerCase().replace(/: \d+ samples, .*$/, "").includes(wanted);
      node.classList.toggle("found", isFound);
      return isFound;
    });
    const outermost = found.filter((one) => !found.some((other) =>
      other.y > one.y && other.left <= one.left + EDGE && other.left + other.width >= one.left + one.width - EDGE));
    const part = outermost.reduce((sum, one) => sum + one.width, 0);
    said.textContent = wanted === "" ? "" : `${found.length} frame${found.length === 1 ? "" : "s"}, ${part.toFixed(1)} % of ${total} samples`;
  }

  /** Put the search field at the top right, and a line below it for what was found. */
  function addSearch() {
    const box = document.createElementNS("http://www.w3.org/2000/svg", "foreignObject");
    for (const [name, value] of Object.entries({ x: "100%", y: top - 4, width: 190, height: 24 })) box.setAttribute(name, value);
    box.setAttribute("transform", "translate(-198 0)");
    field = document.createElementNS("http://www.w3.org/1999/xhtml", "input");
    field.setAttribute("type", "search");
    field.setAttribute("placeholder", "search functions, files");
    field.setAttribute("aria-label", "search functions and files");
    field.addEventListener("input", () => search(field.value));
    box.append(field);
    said = document.createElementNS("http://www.w3.org/2000/svg", "text");
    for (const [name, value] of Object.entries({ x: "100%", y: top + 10, dx: -206, "text-anchor": "end", class: "muted" })) {
      said.setAttribute(name, value);
    }
    svg.append(box, said);
  }

  addSearch();
  for (const frame of frames) {
    frame.node.setAttribute("tabindex", "0");
    frame.node.addEventListener("click", () => zoom(frame));
    frame.node.addEventListener("keydown", (event) => event.key === "Enter" && zoom(frame));
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { zoom(null); field.value = ""; search(""); }
    if (event.key === "/" && event.target !== field) { event.preventDefault(); field.focus(); }
  });
  const root = document.documentElement;
  if (root.localName === "html") window.scrollTo(0, root.scrollHeight);
})();
