// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import type { Arguments, Surroundings } from "../command.ts";
import { UserError } from "../user-error.ts";
import { compileProtos, readImage } from "./load-protos.ts";

/**
 * The services of what a user named: of the paths, of `.` when there is none, or of `--image`.
 *
 * @throws UserError when it cannot be read or does not compile, and when both are given.
 */
export async function loadServices(
  command: string,
  { paths, values }: Pick<Arguments, "paths" | "values">,
  surroundings: Surroundings,
): Promise<readonly DescService[]> {
  const image = values.get("image");
  if (image !== undefined) {
    if (paths.length > 0) {
      throw new UserError(`talaria ${command} reads either --image or paths. Leave out one of them.`);
    }
    return readImage(image, surroundings).services;
  }
  const services: DescService[] = [];
  for (const path of paths.length === 0 ? ["."] : paths) {
    services.push(...(await compileProtos(path, surroundings)).services);
  }
  return services;
}
