/**
 * What is beside the API: the pages and files of the web app, health, reload and quit, and the
 * server's own metrics. Start at {@link io.narthex.api.web.WebRoutes}.
 */
@NullMarked
package io.narthex.api.web;

import org.jspecify.annotations.NullMarked;
