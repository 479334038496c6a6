// One warning for each mistake in a page, however many elements have it.

const warned = new Set();

/** Tell the page's author that the value of this attribute is wrong. Readers see the fallback content. */
export function warn(attribute, value, element = "article-vote") {
  const message = `<${element}>: ${attribute}="${value}" is unknown or malformed.`;
  if (!warned.has(message)) console.warn(message);
  warned.add(message);
}
