// React 19 takes events of custom elements as props, and sets properties where the element has them.

import { start } from "./react.jsx";

start(({ hear, ...props }) => <article-vote {...props} onvote-cast={hear} />);
