// React 18 knows no events of custom elements, so a ref listens for them. It writes readonly={false} as "false".

import { useEffect, useRef } from "react";
import { start } from "./react.jsx";

start(({ hear, ...props }) => {
  const vote = useRef(null);
  useEffect(() => {
    const element = vote.current;
    element.addEventListener("vote-cast", hear);
    return () => element.removeEventListener("vote-cast", hear);
  }, []);
  return <article-vote ref={vote} {...props} />;
});
