// How the custom-elements manifest is made from the comments in the elements' modules. Each property is its attribute.
// A module that registers an element lies beside the manifest: article-vote.js for element.js.

const REGISTERS = { "element.js": "article-vote.js" };

export default {
  globs: ["element.js", "article-top.js"],
  plugins: [{
    name: "article-votes",
    packageLinkPhase({ customElementsManifest: manifest }) {
      for (const module of manifest.modules) {
        module.path = REGISTERS[module.path] ?? module.path;
        const [element] = module.declarations = module.declarations.filter((one) => one.customElement);
        const attributes = new Set(element.attributes.map(({ name }) => name));
        element.members = element.members.filter(({ name, privacy }) => privacy !== "private" && !/^[#]|Callback$|^observed/.test(name));
        for (const member of element.members) {
          if (attributes.has(member.name)) Object.assign(member, { attribute: member.name, reflects: true });
        }
        const declaration = { name: element.name, module: module.path };
        module.exports = [
          { kind: "js", name: element.name, declaration },
          { kind: "custom-element-definition", name: element.tagName, declaration },
        ];
      }
    },
  }],
};
