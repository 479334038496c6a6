// One warning for each mistake in a page, however many elements make it.

const warned = new Set();

/** Tell the page's author that this attribute's value is of no use; readers keep the fallback content. */
export function warn(attribute, value) {
  const message = `<article-vote>: ${attribute}="${value}" is unknown or malformed.`;
  if (!warned.has(message)) console.warn(message);
  warned.add(message);
}
