/** Tells, when its answer comes, whether it is still wanted. */
type Asked = {
  /** Nothing was asked since: for questions of which each is another one. */
  last(): boolean;
  /** No answer to a later one was taken; this one now is. For the same question, asked again. */
  news(): boolean;
};

/** Answers may overtake each other: an older one would bring back what is over, under the finger of who acts on it. */
export function asking(): () => Asked {
  let [asked, taken] = [0, 0];
  return () => {
    const turn = (asked += 1);
    const isNews = (): boolean => {
      if (turn < taken) return false;
      taken = turn;
      return true;
    };
    return { last: () => turn === asked, news: isNews };
  };
}
