// Returns what is wrong with the page, in words (see accessible.py).
() => {
  const found = [];
  const shown = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && !node.closest("[inert]") && node.getBoundingClientRect().width > 1;
  const what = (node) => `${node.tagName.toLowerCase()}#${node.id}.${node.className} “${node.textContent.trim().slice(0, 40)}”`;
  const all = [...document.body.querySelectorAll("*")];
  const ids = all.map((node) => node.id).filter(Boolean);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) found.push(`two have the id ${id}`);
  for (const node of all) {
    for (const name of ["aria-labelledby", "aria-describedby", "aria-controls"]) {
      for (const id of (node.getAttribute(name) ?? "").split(" ").filter(Boolean)) {
        if (!document.getElementById(id)) found.push(`${what(node)}: ${name} names ${id}, which is not there`);
      }
    }
  }
  if (![...document.querySelectorAll("main, [role=main]")].length) found.push("no main landmark");
  if (![...document.querySelectorAll("h1")].some((node) => node.checkVisibility())) found.push("no h1");
  for (const node of document.querySelectorAll("button[aria-label], a[aria-label]")) {
    const seen = node.innerText.trim().toLowerCase();
    if (seen && !node.getAttribute("aria-label").toLowerCase().includes(seen)) found.push(`${what(node)}: is called otherwise than it reads`);
  }
  const rgb = (text) => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, under) => ({
    r: top.r * top.a + under.r * (1 - top.a), g: top.g * top.a + under.g * (1 - top.a),
    b: top.b * top.a + under.b * (1 - top.a), a: 1,
  });
  const ground = (node) => {
    if (!node) return rgb(getComputedStyle(document.body).backgroundColor);
    const colour = rgb(getComputedStyle(node).backgroundColor);
    return colour.a === 1 ? colour : over(colour, ground(node.parentElement));
  };
  const light = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((part) => part / 255).map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const node = words.currentNode.parentElement;
    if (!words.currentNode.textContent.trim() || !shown(node) || node.closest(":disabled, [aria-disabled=true], noscript, script, option")) continue;
    const style = getComputedStyle(node);
    const behind = ground(node);
    const [one, other] = [light(over(rgb(style.color), behind)), light(behind)].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio < least) found.push(`${what(node)}: contrast ${ratio.toFixed(2)}`);
  }
  return found;
}
