/** Composition: the only place that knows several features. */
import { QueryClientProvider } from "@tanstack/react-query";
import { Toaster } from "sonner";
import { type Services, ServicesProvider } from "@/lib/services";
import { Routes } from "./routes";

export const App = ({ services }: { readonly services: Services }) => (
  <ServicesProvider services={services}>
    <QueryClientProvider client={services.queries}>
      <Routes />
      <Toaster
        theme="dark"
        position="bottom-center"
        offset={24}
        toastOptions={{
          classNames: {
            toast: "!rounded-panel !border-divider !bg-raised !text-text !text-body !shadow-xl",
            description: "!text-dim !text-dense",
          },
        }}
      />
    </QueryClientProvider>
  </ServicesProvider>
);
