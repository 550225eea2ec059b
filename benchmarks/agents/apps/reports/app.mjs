import 'reflect-metadata';
import { Controller, Get, Module, NotFoundException, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { totalsOf } from './totals.mjs';

class ReportsController {
  async scan() {
    // The scanner's own time.
    const scanned = await fetch(`${process.env.PARTNER_URL}/scan?ms=480`);
    return scanned.json();
  }

  async totals(year) {
    if (Number(year) < 2000) throw new NotFoundException('There are no books of that year');
    return totalsOf(Number(year));
  }
}

Controller('reports')(ReportsController);
const routes = { scan: Get('scan'), totals: Get(':year') };
for (const [name, decorate] of Object.entries(routes)) {
  const { prototype } = ReportsController;
  decorate(prototype, name, Object.getOwnPropertyDescriptor(prototype, name));
}
Param('year')(ReportsController.prototype, 'totals', 0);

class AppModule {}
Module({ controllers: [ReportsController] })(AppModule);

const app = await NestFactory.create(AppModule);
await app.listen(Number(process.env.PORT));
