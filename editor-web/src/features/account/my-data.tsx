/** Everything that is kept about one, as a file. */
import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Section } from "@/components/ui/section";
import { fetchMyData } from "@/lib/api/account";
import { sayAccount as words } from "@/lib/messages/account";
import { ProblemError } from "@/lib/problem";
import { saveFile } from "@/lib/save-file";
import { useServices } from "@/lib/services";
import { toast } from "@/lib/toast";

export const MyData = () => {
  const { api } = useServices();
  const fetching = useMutation({
    mutationFn: () => fetchMyData(api),
    onSuccess: (text) => saveFile("cutroom-data.json", "application/json", text),
    onError: (cause) => {
      const often = cause instanceof ProblemError && cause.problem.status === 429;
      toast.error(words.notDownloaded, { description: often ? words.dataTooOften : cause.message });
    },
  });
  return (
    <Section
      title={words.data}
      hint={words.dataHint}
      action={
        <Button icon={Download} disabled={fetching.isPending} onClick={() => fetching.mutate()}>
          {fetching.isPending ? words.preparing : words.download}
        </Button>
      }
    />
  );
};
