// How the custom-elements manifest is made from the comments in element.js. Each property is its attribute, and the
// manifest lies beside article-vote.js, which registers the element.

const MODULE = "article-vote.js";

export default {
  globs: ["element.js"],
  plugins: [{
    name: "article-vote",
    packageLinkPhase({ customElementsManifest: manifest }) {
      const [module] = manifest.modules;
      module.path = MODULE;
      const [element] = module.declarations = module.declarations.filter((one) => one.customElement);
      const attributes = new Set(element.attributes.map(({ name }) => name));
      element.members = element.members.filter(({ name, privacy }) => privacy !== "private" && !/^[#]|Callback$|^observed/.test(name));
      for (const member of element.members) {
        if (attributes.has(member.name)) Object.assign(member, { attribute: member.name, reflects: true });
      }
      const declaration = { name: element.name, module: MODULE };
      module.exports = [
        { kind: "js", name: element.name, declaration },
        { kind: "custom-element-definition", name: element.tagName, declaration },
      ];
    },
  }],
};
