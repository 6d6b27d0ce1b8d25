/** Composition: the only place that knows several features. */
import { QueryClientProvider } from "@tanstack/react-query";
import { Toaster } from "@/components/ui/toaster";
import { type Services, ServicesProvider } from "@/lib/services";
import { Routes } from "./routes";

export const App = ({ services }: { readonly services: Services }) => (
  <ServicesProvider services={services}>
    <QueryClientProvider client={services.queries}>
      <Routes />
      <Toaster />
    </QueryClientProvider>
  </ServicesProvider>
);
