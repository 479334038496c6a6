// What the elements have in common: attributes that are also properties, and how attributes are read.

export const ID = /^[a-z\d][\w.~:-]{0,127}$/i; // of an article. Every site id has this form, too
const ADDRESS = /^((https?:\/)?\/\S*?)\/*$/;

/** The service's address that an `endpoint` names; undefined if it names none. */
export const addressOf = (endpoint) => ADDRESS.exec(endpoint)?.[1];

/** Make attributes properties of a class. The first `flags` of them are flags. */
export const reflect = (kind, names, flags) =>
  names.forEach((name, index) =>
    Object.defineProperty(kind.prototype, name, {
      get() {
        const value = this.getAttribute(name);
        // Frameworks write readonly="false" if the attribute is not there.
        return index < flags ? (value ?? "false") !== "false" : (value ?? "");
      },
      set(value) {
        if (typeof value === "boolean") this.toggleAttribute(name, value);
        else if (value == null) this.removeAttribute(name);
        else this.setAttribute(name, value);
      },
    }),
  );

/** A value that was set before the element was defined hides the property. So it is set again. */
export function upgrade(host, names) {
  for (const name of names) {
    if (Object.hasOwn(host, name)) {
      const value = host[name];
      delete host[name];
      host[name] = value;
    }
  }
}

export function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const name in attributes) node.setAttribute(name, attributes[name]);
  node.append(...children);
  return node;
}
