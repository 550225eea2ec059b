import 'reflect-metadata';
import { Controller, Get, Module, NotFoundException, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { productsIn } from './products.mjs';

class CatalogController {
  async shelf(shelf) {
    const products = await productsIn(shelf);
    if (products === undefined) throw new NotFoundException('No such shelf');
    return products;
  }

  async inventory() {
    // People count; the answer comes when they are done.
    const counted = await fetch(`${process.env.PARTNER_URL}/count?ms=400`);
    return counted.json();
  }
}

Controller()(CatalogController);
const routes = { shelf: Get('shelves/:shelf'), inventory: Get('inventory') };
for (const [name, decorate] of Object.entries(routes)) {
  const { prototype } = CatalogController;
  decorate(prototype, name, Object.getOwnPropertyDescriptor(prototype, name));
}
Param('shelf')(CatalogController.prototype, 'shelf', 0);

class AppModule {}
Module({ controllers: [CatalogController] })(AppModule);

const app = await NestFactory.create(AppModule);
await app.listen(Number(process.env.PORT));
