/** The title whose words are typed on the picture; null while none is. */
import { create } from "zustand";

type TitleUi = {
  readonly typing: string | null;
  readonly type: (id: string | null) => void;
};

export const useTitleUi = create<TitleUi>()((set) => ({
  typing: null,
  type: (typing) => set({ typing }),
}));
