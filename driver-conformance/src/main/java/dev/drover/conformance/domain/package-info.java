/** Cases about definitions, lists and the life of domains. */
@NullMarked
package dev.drover.conformance.domain;

import org.jspecify.annotations.NullMarked;
